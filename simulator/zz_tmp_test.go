package simulator
import ("testing";"os";"fmt";"net/http/httptest";"strings")
func BenchmarkRealRule(b *testing.B) {
	hook := newReceiver(); srv := httptest.NewServer(hook); defer srv.Close()
	in, ids := benchInstance(b, 1000)
	src, err := os.ReadFile("../servicenow/businessrule.js"); if err != nil { b.Fatal(err) }
	in.Create("system","sys_properties",map[string]string{"name":"x_neoagent.callback_url","value":srv.URL+"/cb?t=1"})
	in.Create("system","sys_script",map[string]string{"collection":"task","when":"after","active":"true","advanced":"true","action_update":"true","action_insert":"true","script":string(src)})
	i:=0
	for b.Loop() { i++
		if err := in.Update("beth.anglin","incident",ids[i%len(ids)],map[string]string{"description":fmt.Sprint(i),"work_notes":"a note\nwith lines"}); err!=nil {b.Fatal(err)} }
	if b.N > 100 { in.Quiesce(b.Context()); fmt.Println(hook.got[0].body[:900]); for _,e := range in.SystemLog()[:3] { fmt.Println(e) }
	if !strings.Contains(hook.got[0].body, "a note") {b.Fatal("no note")} }
}
